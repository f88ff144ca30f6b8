-- What decides is kept as content: whoever holds the database can run every decision again.
create table credit_model (
  version text not null,
  content bytea not null,
  kept_at timestamptz not null,
  constraint credit_model_pk primary key (version)
);
create table credit_policy (
  version text not null,
  content bytea not null,
  kept_at timestamptz not null,
  constraint credit_policy_pk primary key (version)
);

alter table credit_decision add column threshold numeric;
alter table credit_decision drop constraint credit_decision_outcome;
alter table credit_decision add constraint credit_decision_outcome check (outcome in (
  'approved', 'declined', 'referred', 'lapsed', 'upheld', 'raised', 'cut', 'frozen', 'unfrozen'));

-- What people decide: applications above what the engine may grant, objections, limits that staff propose.
create table credit_case (
  bucket smallint not null,
  id uuid not null,
  kind text not null,
  customer_id uuid not null,
  application_id uuid,
  line_id uuid,
  about_id uuid,
  maker text not null,
  reason text not null,
  limit_minor bigint,
  approvers_needed smallint not null,
  state text not null default 'open',
  opened_at timestamptz not null,
  due_at timestamptz not null,
  expires_at timestamptz,
  claimed_by text,
  claimed_until timestamptz,
  closed_at timestamptz,
  answer_id uuid,
  constraint credit_case_pk primary key (bucket, id),
  constraint credit_case_maker unique (bucket, id, maker),
  constraint credit_case_kind check (kind in ('application', 'objection', 'limit')),
  constraint credit_case_state check (state in ('open', 'agreed', 'refused', 'expired')),
  constraint credit_case_closed check ((state = 'open') = (closed_at is null)),
  constraint credit_case_claim check ((claimed_by is null) = (claimed_until is null))
);
create unique index case_already_open on credit_case (bucket, customer_id, kind) where state = 'open';
create index credit_case_queue on credit_case (due_at, id) where state = 'open';
create index credit_case_customer on credit_case (bucket, customer_id, opened_at);

-- One voice each; nobody agrees to what they themselves proposed, decided or asked for.
create table credit_case_vote (
  bucket smallint not null,
  case_id uuid not null,
  number smallint not null,
  maker text not null,
  actor text not null,
  agrees boolean not null,
  limit_minor bigint,
  reason text not null,
  voted_at timestamptz not null,
  constraint credit_case_vote_pk primary key (bucket, case_id, number),
  constraint credit_case_vote_case foreign key (bucket, case_id, maker) references credit_case (bucket, id, maker),
  constraint maker_is_checker check (actor <> maker),
  constraint checked_before unique (bucket, case_id, actor)
);
