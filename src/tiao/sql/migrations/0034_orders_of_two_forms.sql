-- What the second form adds to merchants' orders: several plans to choose from, orders whose money will be shared, what a payer did
-- at a counter, orders taken back; when something was begun, by the real clock, so that it can be finished after a kill.
alter table merchant_order
  -- The only plans that may be offered when there are several, as terms:fee_payer.
  add column plans text[] not null default '{}',
  add column is_shared boolean not null default false,
  add column payer_state text,
  -- Who is to pay, or paid, as this merchant knows the person: the same for every order, another at every merchant.
  add column payer_openid text,
  -- The merchant knows the platform's key by its own number, not by the certificate's.
  add column is_by_key_id boolean not null default false,
  add column begun_at timestamptz,
  add column reversed_at timestamptz,
  add constraint merchant_order_payer_state check (payer_state in ('asked', 'declined'));
update merchant_order set begun_at = made_at where state = 'paying';
alter table merchant_order
  add constraint merchant_order_plans check (plans = '{}' or terms is null),
  add constraint merchant_order_begun check (state <> 'paying' or begun_at is not null);
create index merchant_order_openid on merchant_order (account_id, payer_openid) where payer_openid is not null;
create index merchant_order_begun_at on merchant_order (begun_at) where state = 'paying';

alter table merchant_order_refund add column begun_at timestamptz;
update merchant_order_refund set begun_at = asked_at;
alter table merchant_order_refund alter column begun_at set not null;
create index merchant_order_refund_begun_at on merchant_order_refund (begun_at) where state = 'processing';

alter table merchant_notice
  drop constraint merchant_notice_kind,
  add constraint merchant_notice_kind check (kind in ('paid', 'refunded', 'refund_closed'));

-- Signed requests seen, so that none is answered twice; forgotten when their time is over anyway.
create table request_nonce (
  account_id uuid not null,
  nonce text not null,
  seen_at timestamptz not null,
  constraint request_replayed primary key (account_id, nonce)
);
create index request_nonce_seen on request_nonce (seen_at);
