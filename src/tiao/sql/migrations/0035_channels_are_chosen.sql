-- What the router has to know of a bound account: who issued it, of what kind it is, and which class of account it draws on.
alter table funding_source add column issuer text;
alter table funding_source add column card_kind text;
alter table funding_source add column account_class smallint;
-- The order in which a customer wants accounts used: the lowest first, of equals the one bound last.
alter table funding_source add column position smallint not null default 0;
alter table funding_source add constraint funding_source_card_kind
  check (card_kind in ('debit', 'credit', 'semi_credit', 'prepaid'));
alter table funding_source add constraint funding_source_account_class check (account_class between 1 and 3);

-- One bound account may be debited through several channels; each knows it by an agreement number of its own.
create table source_agreement (
  bucket smallint not null,
  source_id uuid not null,
  channel text not null,
  agreement text not null,
  agreed_at timestamptz not null,
  constraint source_agreement_pk primary key (bucket, source_id, channel)
);
insert into source_agreement (bucket, source_id, channel, agreement, agreed_at)
select bucket, id, channel, agreement, bound_at from funding_source;

-- A debit is one attempt. What a customer ordered is the chain of them: order_id names the first, next_id what followed.
alter table debit add column agreement text;
alter table debit add column order_id uuid;
alter table debit add column attempt smallint not null default 1;
alter table debit add column next_id uuid;
update debit d set order_id = d.id, agreement = s.agreement
  from funding_source s where s.bucket = d.bucket and s.id = d.funding_source_id;
alter table debit alter column order_id set not null;
alter table debit alter column agreement set not null;
alter table debit add constraint debit_attempt check (attempt >= 1 and (attempt = 1) = (order_id = id));
create unique index debit_attempt_once on debit (bucket, order_id, attempt);
create index debit_of_source on debit (bucket, funding_source_id, created_at);

-- Why an attempt took the channel it took: enough to explain the choice, to hold another policy against it, to learn from.
create table route_decision (
  bucket smallint not null,
  debit_id uuid not null,
  decided_at timestamptz not null,
  policy text not null,
  policy_digest text not null,
  issuer text,
  amount_minor bigint not null,
  chosen text not null,
  because text not null,
  propensity double precision not null,
  candidates jsonb not null,
  excluded jsonb not null,
  shadows jsonb not null,
  constraint route_decision_pk primary key (bucket, debit_id),
  constraint route_decision_propensity check (propensity > 0 and propensity <= 1)
);
create index route_decision_at on route_decision using brin (decided_at);

-- What each attempt taught about its channel, in the order in which it was recorded; every process follows it.
create table channel_outcome (
  number bigint generated always as identity,
  bucket smallint not null,
  debit_id uuid not null,
  issuer text,
  channel text not null,
  outcome text not null,
  amount_minor bigint not null,
  learned_at timestamptz not null,
  constraint channel_outcome_pk primary key (number),
  constraint channel_outcome_kind check (outcome in ('success', 'failure', 'unknown'))
);
