-- Every decision keeps what it saw, which versions it used and what it answered, so that it can be run again.
create table credit_application (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  currency char(3) not null,
  income_minor bigint not null,
  received_at timestamptz not null,
  constraint credit_application_pk primary key (bucket, id)
);
create index credit_application_customer on credit_application (bucket, customer_id);

create table credit_decision (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  application_id uuid,
  line_id uuid,
  kind text not null,
  outcome text not null,
  inputs bytea not null,
  inputs_digest bytea not null,
  model_version text not null,
  policy_version text not null,
  probability double precision,
  score integer,
  grade text,
  reasons text[] not null,
  limit_before_minor bigint not null,
  limit_after_minor bigint not null,
  actor text not null,
  decided_at timestamptz not null,
  constraint credit_decision_pk primary key (bucket, id),
  constraint credit_decision_outcome check (outcome in ('approved', 'declined', 'raised', 'cut', 'frozen', 'unfrozen'))
);
create index credit_decision_customer on credit_decision (bucket, customer_id, decided_at);
