-- What risk control remembers and what it decided, written with the purchase it is about.

-- A customer: its own features, and what it did with merchants, devices and addresses.
create table risk_customer (
  bucket smallint not null,
  customer_id uuid not null,
  content bytea not null,
  constraint risk_customer_pk primary key (bucket, customer_id)
) with (fillfactor = 70);

-- A merchant, device, address or terminal, shared by the customers of this server; kind says which.
create table risk_shared (
  key uuid not null,
  kind smallint not null,
  content bytea not null,
  constraint risk_shared_pk primary key (key),
  constraint risk_shared_kind check (kind between 1 and 4)
) with (fillfactor = 70);

-- The order in which payments and outcomes were folded on this server: of two that name one entity, the lower came first.
create sequence risk_fold_number;

-- What decisions were made by, kept under the digest of its content.
create table risk_versions (
  digest text not null,
  content bytea not null,
  kept_at timestamptz not null,
  constraint risk_versions_pk primary key (digest)
);

-- Append-only. inputs is everything the decision was made from, sha256 its digest.
create table risk_decision (
  bucket smallint not null,
  purchase_id uuid not null,
  fold_number bigint not null,
  customer_id uuid not null,
  merchant_id uuid not null,
  device bytea,
  ip bytea,
  terminal bytea,
  amount_minor bigint not null,
  outcome text not null,
  reasons text[] not null,
  hits text[] not null,
  score double precision,
  shadow_outcome text,
  shadow_hits text[] not null,
  challenger_score double precision,
  challenger_outcome text,
  fallback text not null,
  versions text not null,
  inputs bytea not null,
  sha256 bytea not null,
  decided_at timestamptz not null,
  constraint risk_decision_pk primary key (bucket, purchase_id),
  constraint risk_decision_outcome check (outcome in ('approve', 'step_up', 'review', 'decline'))
);
create index risk_decision_time on risk_decision using brin (decided_at);

-- What a payment turned out to be, as often as that was said; the last one counts.
create table risk_outcome (
  bucket smallint not null,
  purchase_id uuid not null,
  fold_number bigint not null,
  source text not null,
  is_fraud boolean not null,
  known_at timestamptz not null,
  learned_at timestamptz not null,
  constraint risk_outcome_pk primary key (bucket, purchase_id, fold_number)
);
