-- A bank account or card that a customer bound. The channel knows the number; here is only its agreement.
create table funding_source (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  channel text not null,
  agreement text not null,
  display text not null,
  status text not null default 'active',
  autopay_agreed_at timestamptz,
  bound_at timestamptz not null,
  constraint funding_source_pk primary key (bucket, id),
  constraint funding_source_already_bound unique (bucket, customer_id, channel, agreement),
  constraint funding_source_status check (status in ('active', 'unbound'))
);

-- Money in. A debit is written down before the bank is asked, and its answer after; no answer is an answer: unknown.
create table debit (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  funding_source_id uuid not null,
  channel text not null,
  purpose text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  state text not null,
  code text,
  created_at timestamptz not null,
  answered_at timestamptz,
  query_after timestamptz,
  queries smallint not null default 0,
  constraint debit_pk primary key (bucket, id),
  constraint debit_amount check (amount_minor > 0),
  constraint debit_state check (state in ('created', 'succeeded', 'failed', 'unknown')),
  constraint debit_purpose check (purpose in ('repayment', 'autopay'))
) with (fillfactor = 80);
-- Never a second debit of a line while the outcome of one is open.
create unique index debit_already_running on debit (bucket, line_id) where state in ('created', 'unknown');
create index debit_open on debit (query_after) where state in ('created', 'unknown');

-- Money out: a settlement to a merchant, or a refund back to the source that paid.
create table payout (
  bucket smallint not null,
  id uuid not null,
  kind text not null,
  beneficiary_id uuid not null,
  source_id uuid not null,
  channel text not null,
  agreement text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  state text not null,
  code text,
  due_on date not null,
  created_at timestamptz not null,
  answered_at timestamptz,
  query_after timestamptz,
  tries smallint not null default 0,
  constraint payout_pk primary key (bucket, id),
  constraint payout_amount check (amount_minor > 0),
  constraint payout_kind check (kind in ('settlement', 'refund')),
  constraint payout_state check (state in ('created', 'sent', 'succeeded', 'failed', 'unknown'))
) with (fillfactor = 80);
create index payout_open on payout (due_on) where state in ('created', 'sent', 'unknown');
create index payout_source on payout (source_id);

-- What a merchant is paid for one business day: every entry on its payable booked that day, and what was carried.
create table settlement (
  merchant_id uuid not null,
  business_date date not null,
  id uuid not null,
  currency char(3) not null,
  gross_minor bigint not null,
  discount_minor bigint not null,
  subsidy_minor bigint not null,
  refunded_minor bigint not null,
  carried_minor bigint not null,
  net_minor bigint not null,
  pays_on date not null,
  payout_id uuid,
  constraint settlement_pk primary key (merchant_id, business_date),
  constraint settlement_id_unique unique (id),
  constraint settlement_adds_up check (
    net_minor = gross_minor - discount_minor - subsidy_minor - refunded_minor + carried_minor)
);
