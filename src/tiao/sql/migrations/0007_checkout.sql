-- An offer: every plan with each instalment, its cost and its yearly price, good until it expires.
create table quote (
  bucket smallint not null,
  id uuid not null,
  merchant_id uuid not null,
  customer_id uuid not null,
  line_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null,
  plans bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_plan text,
  accepted_at timestamptz,
  cost_sheet_digest bytea,
  constraint quote_pk primary key (bucket, id),
  constraint quote_amount check (amount_minor > 0)
);

create table purchase (
  bucket smallint not null,
  id uuid not null,
  -- Derived from the merchant and its Idempotency-Key: the same key always meets the same purchase.
  idempotency_id uuid not null,
  digest bytea not null,
  line_id uuid not null,
  customer_id uuid not null,
  merchant_id uuid not null,
  quote_id uuid,
  plan_code text not null,
  fee_payer text not null,
  reference text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  captured_minor bigint not null default 0,
  released_minor bigint not null default 0,
  refunded_minor bigint not null default 0,
  outcome text not null,
  decline_reasons text[] not null default '{}',
  -- How the hold ended, once nothing is held any more.
  closed_as text,
  authorised_at timestamptz not null,
  expires_at timestamptz not null,
  constraint purchase_pk primary key (bucket, id),
  constraint purchase_key_reused unique (idempotency_id),
  constraint purchase_amount check (amount_minor > 0),
  constraint purchase_outcome check (outcome in ('authorised', 'declined')),
  constraint purchase_closed_as check (closed_as in ('captured', 'voided', 'expired')),
  constraint capture_exceeds_authorised check (
    captured_minor >= 0 and released_minor >= 0 and captured_minor + released_minor <= amount_minor),
  constraint refund_exceeds_captured check (refunded_minor between 0 and captured_minor)
) with (fillfactor = 80);
create unique index quote_already_used on purchase (bucket, quote_id) where quote_id is not null and outcome = 'authorised';
create index purchase_customer on purchase (bucket, customer_id, authorised_at);
create index purchase_merchant on purchase (merchant_id, authorised_at);
create index purchase_open_hold on purchase (bucket, expires_at) where outcome = 'authorised' and closed_as is null;
