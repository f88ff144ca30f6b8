-- What people look into: suspended purchases, customers, merchants. The dearest expected loss comes first.
create table risk_case (
  bucket smallint not null,
  id uuid not null,
  subject text not null,
  purchase_id uuid,
  customer_id uuid,
  merchant_id uuid,
  -- Who opened it: risk for risk control itself, or a member of staff.
  maker text not null,
  reasons text[] not null,
  currency char(3) not null,
  amount_minor bigint not null,
  -- How likely it is fraud, in parts of a million, and what that costs on average.
  probability_ppm integer not null,
  loss_minor bigint not null,
  approvers_needed smallint not null,
  state text not null default 'open',
  opened_at timestamptz not null,
  due_at timestamptz not null,
  expires_at timestamptz,
  assigned_to text,
  claimed_by text,
  claimed_until timestamptz,
  closed_at timestamptz,
  constraint risk_case_pk primary key (bucket, id),
  constraint risk_case_subject check (
    case subject when 'purchase' then purchase_id is not null when 'customer' then customer_id is not null
                 when 'merchant' then merchant_id is not null else false end),
  constraint risk_case_state check (state in ('open', 'released', 'refused', 'lapsed')),
  constraint risk_case_claim check ((claimed_by is null) = (claimed_until is null)),
  constraint risk_case_ends check ((state = 'open') = (closed_at is null)),
  constraint risk_case_amounts check (amount_minor >= 0 and probability_ppm between 0 and 1000000 and loss_minor between 0 and amount_minor),
  constraint risk_case_approvers check (approvers_needed > 0)
);
create unique index risk_case_already_open on risk_case (subject, coalesce(purchase_id, customer_id, merchant_id))
  where state = 'open';
create index risk_case_queue on risk_case (loss_minor desc, due_at, id) where state = 'open';
create index risk_case_purchase on risk_case (bucket, purchase_id) where purchase_id is not null;

-- Everything that was done about a case, in order: append-only.
create table risk_case_step (
  bucket smallint not null,
  case_id uuid not null,
  number smallint not null,
  kind text not null,
  actor text not null,
  said text not null,
  -- Of a piece of evidence: the SHA-256 of the document, which is kept elsewhere.
  digest bytea,
  made_at timestamptz not null,
  constraint risk_case_step_pk primary key (bucket, case_id, number),
  constraint risk_case_step_kind check (
    kind in ('opened', 'claimed', 'let_go', 'assigned', 'note', 'evidence', 'release', 'refuse', 'lapsed')),
  constraint risk_case_step_evidence check ((kind = 'evidence') = (digest is not null))
);

-- What payments were said to be, by whom and when; of one payment the weightiest source counts, its latest word.
create table risk_label (
  bucket smallint not null,
  id uuid not null,
  purchase_id uuid not null,
  customer_id uuid not null,
  source text not null,
  is_fraud boolean not null,
  actor text not null,
  known_at timestamptz not null,
  told_at timestamptz not null,
  -- When the features took it in; null: not yet.
  learned_at timestamptz,
  constraint risk_label_pk primary key (bucket, id),
  constraint risk_label_source check (
    source in ('step_up', 'review', 'customer', 'chargeback', 'recall', 'collections', 'correction')),
  constraint risk_label_known check (known_at <= told_at)
);
create index risk_label_purchase on risk_label (bucket, purchase_id);
create index risk_label_customer on risk_label (bucket, customer_id);
create index risk_label_to_learn on risk_label (told_at) where learned_at is null;

create index purchase_in_review on purchase (bucket, id) where outcome = 'in_review';
