-- How a company becomes a merchant: its application, papers, checks, grades, contracts; who looked at what.
create table merchant_application (
  id uuid not null,
  state text not null,
  company text not null,
  credit_code text not null,
  trade_name text not null,
  currency char(3) not null,
  scenes text[] not null,
  websites text[] not null,
  stores text[] not null,
  -- Whoever represents it, how to reach them, and the account it is paid to.
  private_sealed bytea not null,
  opened_by text not null,
  opened_at timestamptz not null,
  submitted_at timestamptz,
  proposed_by text,
  proposed_at timestamptz,
  decided_by text,
  decided_at timestamptz,
  grade text,
  reasons text[] not null default '{}',
  constraint merchant_application_pk primary key (id),
  constraint merchant_application_state check (
    state in ('draft', 'submitted', 'proposed', 'approved', 'signed', 'active', 'refused', 'withdrawn')),
  constraint merchant_application_has_two_people check (
    state not in ('approved', 'signed', 'active') or (proposed_by is not null and decided_by <> proposed_by))
);
-- One company has one application under way.
create unique index company_applies_already on merchant_application (credit_code)
  where state in ('draft', 'submitted', 'proposed', 'approved', 'signed');
create index merchant_application_opened on merchant_application (opened_at, id);

create table merchant_application_step (
  application_id uuid not null,
  number integer not null,
  kind text not null,
  actor text not null,
  said text not null,
  at timestamptz not null,
  constraint merchant_application_step_pk primary key (application_id, number)
);

create table merchant_paper (
  application_id uuid not null,
  number smallint not null,
  kind text not null,
  name text not null,
  media_type text not null,
  size_bytes integer not null,
  digest bytea not null,
  content_sealed bytea not null,
  shown_by text not null,
  at timestamptz not null,
  constraint merchant_paper_pk primary key (application_id, number),
  constraint merchant_paper_kind check (kind in ('business_licence', 'representative_identity', 'account_proof',
                                                 'trade_permit', 'shop_photograph', 'other')),
  constraint merchant_paper_digest check (octet_length(digest) = 32)
);
-- Who looked at a paper, when, and why.
create table merchant_paper_view (
  application_id uuid not null,
  number smallint not null,
  viewer text not null,
  reason text not null,
  at timestamptz not null
);
create index merchant_paper_view_of on merchant_paper_view (application_id, at);

-- What the register of companies was asked, and what it said.
create table merchant_check (
  id uuid not null,
  application_id uuid not null,
  state text not null,
  asked_by text not null,
  asked_at timestamptz not null,
  answered_at timestamptz,
  record text,
  findings text[] not null default '{}',
  constraint merchant_check_pk primary key (id),
  constraint merchant_check_state check (state in ('asked', 'found', 'not_registered', 'unavailable')),
  constraint merchant_check_is_answered check ((state = 'asked') = (answered_at is null))
);
create index merchant_check_of on merchant_check (application_id, asked_at);

-- Grades by rule, each with its points; the latest counts, none is changed.
create table merchant_grade (
  application_id uuid not null,
  number integer not null,
  grade text not null,
  points integer not null,
  reasons text not null,
  rules_version text not null,
  actor text not null,
  at timestamptz not null,
  constraint merchant_grade_pk primary key (application_id, number)
);

-- What a merchant signs, by scene: the words, their digest, from when.
create table contract_text (
  scene text not null,
  version integer not null,
  title text not null,
  body text not null,
  digest bytea not null,
  effective_on date not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  agreed_by text,
  announced_at timestamptz,
  constraint contract_text_pk primary key (scene, version),
  constraint contract_text_has_two_people check (agreed_by is null or agreed_by <> proposed_by),
  constraint contract_text_is_announced check ((agreed_by is null) = (announced_at is null))
);
create table contract_signature (
  id uuid not null,
  application_id uuid not null,
  scene text not null,
  version integer not null,
  digest bytea not null,
  signatory_sealed bytea not null,
  key_id uuid not null,
  signed_at timestamptz not null,
  constraint contract_signature_pk primary key (id),
  constraint contract_signed_once unique (application_id, scene, version),
  constraint contract_signature_text foreign key (scene, version) references contract_text
);

-- What an application became: one merchant for each scene.
create table merchant_admission (
  application_id uuid not null,
  scene text not null,
  merchant_id uuid not null,
  discount_rate numeric(9, 6) not null,
  grade text not null,
  at timestamptz not null,
  constraint merchant_admission_pk primary key (application_id, scene),
  constraint merchant_admission_merchant unique (merchant_id)
);

-- A merchant whose contract has ended sells nothing any more; it is paid what it is owed. One that failed is not.
alter table merchant drop constraint merchant_status;
alter table merchant add constraint merchant_status check (status in ('active', 'suspended', 'terminated'));
alter table merchant_proposal drop constraint merchant_proposal_kind;
alter table merchant_proposal add constraint merchant_proposal_kind check (
  kind in ('settlement_terms', 'income_share', 'adjustment', 'discount', 'reinstatement', 'suspension', 'termination'));
