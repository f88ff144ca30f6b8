-- Settlement in full: when a merchant is paid, what is kept back for a while, what platforms get of our income, and what
-- people book by hand.
-- They answer more than they did; what they are now is in sql/functions.
drop function if exists payments_merchant_day(date);
drop function if exists payments_gather(
  smallint, date, uuid[], text[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], date, timestamptz);

insert into ledger_account (code, name, name_zh, class, owner, is_line_use, is_balance_kept) values
  (2008, 'merchant reserve', '商户保证金', 'liability', 'merchant', false, true),
  (2009, 'merchant money held', '商户待定款', 'liability', 'merchant', false, true),
  (4007, 'merchant charges', '商户其他收费', 'income', 'house', false, true),
  (5005, 'income shared with platforms', '平台分润支出', 'expense', 'house', false, true);

-- How a merchant is settled; the latest row that counts by a day holds for that day. Without one: daily, no reserve.
create table settlement_terms (
  merchant_id uuid not null,
  from_on date not null,
  schedule text not null,
  reserve_rate numeric(9, 6) not null,
  reserve_days smallint not null,
  proposed_by text not null,
  agreed_by text not null,
  made_at timestamptz not null,
  constraint settlement_terms_pk primary key (merchant_id, from_on),
  constraint settlement_terms_schedule check (schedule in ('daily', 'on_demand')),
  constraint settlement_terms_reserve check (reserve_rate >= 0 and reserve_rate < 1 and reserve_days between 0 and 366)
);

-- What was kept back of a settlement, and until when.
create table settlement_reserve (
  merchant_id uuid not null,
  business_date date not null,
  currency char(3) not null,
  amount_minor bigint not null,
  releases_on date not null,
  released_on date,
  constraint settlement_reserve_pk primary key (merchant_id, business_date),
  constraint settlement_reserve_amount check (amount_minor > 0)
);
create index settlement_reserve_open on settlement_reserve (releases_on) where released_on is null;

-- What a platform gets of the discount that a merchant pays; the latest row that counts by a day holds for that day.
create table income_share (
  platform_id uuid not null,
  merchant_id uuid not null,
  from_on date not null,
  share_rate numeric(9, 6) not null,
  proposed_by text not null,
  agreed_by text not null,
  made_at timestamptz not null,
  constraint income_share_pk primary key (merchant_id, platform_id, from_on),
  constraint income_share_rate check (share_rate >= 0 and share_rate <= 1),
  constraint income_share_is_not_its_own check (platform_id <> merchant_id)
);

-- What a platform got for a day.
create table income_shared (
  platform_id uuid not null,
  merchant_id uuid not null,
  business_date date not null,
  currency char(3) not null,
  discount_minor bigint not null,
  share_minor bigint not null,
  constraint income_shared_pk primary key (platform_id, merchant_id, business_date),
  constraint income_shared_amount check (share_minor > 0 and share_minor <= discount_minor)
);

-- What a merchant has had paid between settlements, of what they carried on.
create table settlement_withdrawal (
  id uuid not null,
  merchant_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null,
  booked_on date not null,
  payout_id uuid not null,
  asked_at timestamptz not null,
  constraint settlement_withdrawal_pk primary key (id),
  constraint settlement_withdrawal_amount check (amount_minor > 0)
);
create index settlement_withdrawal_merchant on settlement_withdrawal (merchant_id, booked_on);

-- What people book to a merchant by hand, one proposing and another agreeing. Positive: to the merchant.
create table merchant_adjustment (
  id uuid not null,
  merchant_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null,
  reason text not null,
  proposed_by text not null,
  agreed_by text not null,
  booked_on date not null,
  made_at timestamptz not null,
  constraint merchant_adjustment_pk primary key (id),
  constraint merchant_adjustment_amount check (amount_minor <> 0)
);

alter table settlement
  add column adjusted_minor bigint not null default 0,
  add column reserved_minor bigint not null default 0,
  add column released_minor bigint not null default 0,
  add column withdrawn_minor bigint not null default 0,
  add column paid_minor bigint not null default 0;
update settlement set paid_minor = greatest(net_minor, 0);
alter table settlement drop constraint settlement_adds_up;
alter table settlement add constraint settlement_adds_up check (
  net_minor = gross_minor - discount_minor - subsidy_minor - refunded_minor + adjusted_minor - reserved_minor
              + released_minor + carried_minor - withdrawn_minor);
alter table settlement add constraint settlement_pays_what_is_there check (paid_minor in (0, net_minor));

alter table settlement_part add column adjusted_minor bigint not null default 0;
alter table settlement_part drop constraint settlement_part_adds_up;
alter table settlement_part add constraint settlement_part_adds_up check (
  net_minor = gross_minor - discount_minor - subsidy_minor - refunded_minor + returned_minor + adjusted_minor);
