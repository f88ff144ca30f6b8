-- Merchants who speak other systems' forms: their credentials, their orders, refunds and notices. They lie at home: an order
-- has no customer, and so no bucket, until somebody pays it; the purchase it becomes lies where its customer does.

-- The platform's own key pair for these forms, one for the programme.
create table platform_key (
  id uuid not null,
  private_key_sealed bytea not null,
  certificate text not null,
  certificate_serial text not null,
  public_key_id text not null,
  made_at timestamptz not null,
  constraint platform_key_pk primary key (id),
  constraint platform_key_serial unique (certificate_serial)
);

create table merchant_account (
  id uuid not null,
  merchant_id uuid not null,
  app_id text not null,
  mchid text not null,
  appid text not null,
  public_key text not null,
  certificate_serial text not null,
  secret_key_sealed bytea not null,
  -- Hosts that notices may go to although they are not public; a sandbox's only.
  notify_allow text[] not null default '{}',
  -- A sandbox's: who pays its orders, and the digest of the token that makes them pay.
  test_payer_id uuid,
  test_token_digest bytea,
  opened_at timestamptz not null,
  constraint merchant_account_pk primary key (id),
  constraint merchant_account_app_id unique (app_id),
  constraint merchant_account_mchid unique (mchid),
  constraint merchant_account_token unique (test_token_digest),
  constraint merchant_account_sandbox check ((test_payer_id is null) = (test_token_digest is null)),
  constraint merchant_account_allows_in_sandbox check (test_payer_id is not null or notify_allow = '{}')
);

-- Signed requests seen, so that none is answered twice; forgotten when their time is over anyway.
create table request_nonce (
  account_id uuid not null,
  nonce text not null,
  seen_at timestamptz not null,
  constraint request_replayed primary key (account_id, nonce)
);
create index request_nonce_seen on request_nonce (seen_at);

-- What a merchant wants paid, under its own number.
create table merchant_order (
  id uuid not null,
  account_id uuid not null,
  surface text not null,
  out_trade_no text not null,
  trade_no text not null,
  trade_type text not null,
  digest bytea not null,
  currency char(3) not null,
  amount_minor bigint not null,
  subject text not null,
  -- The only plan that may be offered, when the merchant says one; and who bears its fee.
  terms smallint,
  fee_payer text,
  notify_url text,
  return_url text,
  attach text,
  -- Opens the cashier's page; nobody can guess it.
  cashier_token text not null,
  state text not null,
  attempts integer not null default 0,
  customer_id uuid,
  quote_id uuid,
  purchase_id uuid,
  plan_code text,
  refunded_minor bigint not null default 0,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  paid_at timestamptz,
  closed_at timestamptz,
  constraint merchant_order_pk primary key (id),
  constraint order_number_used unique (account_id, surface, out_trade_no),
  constraint merchant_order_trade_no unique (trade_no),
  constraint merchant_order_cashier unique (cashier_token),
  constraint merchant_order_surface check (surface in ('alipay', 'wechatpay')),
  constraint merchant_order_amount check (amount_minor > 0),
  constraint merchant_order_terms check (terms between 1 and 60),
  constraint merchant_order_fee_payer check (fee_payer in ('consumer', 'merchant')),
  constraint merchant_order_state check (state in ('open', 'paying', 'paid', 'closed')),
  constraint merchant_order_is_paid check ((state = 'paid') = (paid_at is not null and purchase_id is not null)),
  constraint merchant_order_is_paying check (state <> 'paying' or (customer_id is not null and quote_id is not null)),
  constraint order_refund_exceeds_paid check (refunded_minor between 0 and amount_minor)
) with (fillfactor = 80);
create index merchant_order_paid on merchant_order (account_id, surface, paid_at) where paid_at is not null;

create table merchant_order_refund (
  order_id uuid not null,
  out_refund_no text not null,
  id uuid not null,
  account_id uuid not null,
  amount_minor bigint not null,
  reason text,
  notify_url text,
  state text not null,
  asked_at timestamptz not null,
  refunded_at timestamptz,
  constraint merchant_order_refund_pk primary key (order_id, out_refund_no),
  constraint merchant_order_refund_id unique (id),
  constraint merchant_order_refund_amount check (amount_minor > 0),
  constraint merchant_order_refund_state check (state in ('processing', 'succeeded', 'refused')),
  constraint merchant_order_refund_is_done check ((state = 'succeeded') = (refunded_at is not null))
);
create index merchant_order_refund_number on merchant_order_refund (account_id, out_refund_no);

-- What merchants are told, written with the fact and sent afterwards. Its times are the real clock's.
create table merchant_notice (
  id uuid not null,
  account_id uuid not null,
  order_id uuid not null,
  surface text not null,
  kind text not null,
  url text not null,
  -- What is said, without signature: no name, phone or card is in it.
  content text not null,
  attempts integer not null default 0,
  due_at timestamptz,
  made_at timestamptz not null,
  tried_at timestamptz,
  acknowledged_at timestamptz,
  answer text,
  constraint merchant_notice_pk primary key (id),
  constraint merchant_notice_surface check (surface in ('alipay', 'wechatpay')),
  constraint merchant_notice_kind check (kind in ('paid', 'refunded')),
  constraint merchant_notice_ends check (acknowledged_at is null or due_at is null)
);
create index merchant_notice_due on merchant_notice (due_at) where due_at is not null;
create index merchant_notice_account on merchant_notice (account_id, id);

-- Payment codes of a sandbox's test payer, and how the payer behaves when one is read.
create table test_payment_code (
  code text not null,
  account_id uuid not null,
  behaviour text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint test_payment_code_pk primary key (code),
  constraint test_payment_code_behaviour check (behaviour in ('approve', 'ask_payer', 'decline'))
);
