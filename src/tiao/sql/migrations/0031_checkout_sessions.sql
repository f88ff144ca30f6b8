-- Checkout sessions of the platform's own form, and who pays at the cashier: payers' visits, their one-time codes and the
-- cost sheets they were shown. A session lies at home as every order does; its account is its merchant.
alter table merchant_order drop constraint merchant_order_surface;
alter table merchant_order add constraint merchant_order_surface check (surface in ('alipay', 'wechatpay', 'native'));
create index merchant_order_native on merchant_order (account_id, made_at, id) where surface = 'native';

-- Signing in with a phone. Customers from before this are found by their phone's tail and opened.
alter table customer add column phone_hmac bytea;
create index customer_phone on customer (phone_hmac) where phone_hmac is not null;
create index customer_phone_tail on customer (phone_tail) where phone_hmac is null;

-- A browser at the cashier; its times are the real clock's. The cookie's digest is its name.
create table payer_visit (
  id bytea not null,
  -- Who is asked for a code, until it is given: the keyed digest of a phone.
  phone_hmac bytea,
  customer_id uuid,
  began_at timestamptz not null,
  expires_at timestamptz not null,
  constraint payer_visit_pk primary key (id)
);
create index payer_visit_over on payer_visit (expires_at);

-- The newest code sent to a phone; a few tries, a few codes an hour.
create table payer_code (
  phone_hmac bytea not null,
  code_digest bytea not null,
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  tries integer not null default 0,
  sent_count integer not null,
  window_began_at timestamptz not null,
  constraint payer_code_pk primary key (phone_hmac)
);
create index payer_code_over on payer_code (window_began_at);

-- What a visit is doing about an order: the quote whose plans it sees, and why its last try was declined.
create table payer_order (
  visit_id bytea not null,
  order_id uuid not null,
  quote_id uuid,
  decline_reasons text[] not null default '{}',
  constraint payer_order_pk primary key (visit_id, order_id),
  constraint payer_order_visit foreign key (visit_id) references payer_visit (id) on delete cascade
);

-- A cost sheet shown to a payer, and when; kept, for it proves what was seen before signing.
create table payer_sheet (
  quote_id uuid not null,
  plan_code text not null,
  digest bytea not null,
  shown_at timestamptz not null,
  confirmed_at timestamptz,
  constraint payer_sheet_pk primary key (quote_id, plan_code),
  constraint payer_sheet_order check (confirmed_at is null or confirmed_at >= shown_at)
);
