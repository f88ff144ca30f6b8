-- A payment shared: what a merchant got of it and may give to others, whom it may give to, what it gave, what came back. Rows of
-- merchants, at home: nothing in them is a customer's.
insert into ledger_account (code, name, name_zh, class, owner, is_line_use, is_balance_kept) values
  (2015, 'merchant money to share', '商户待分账款', 'liability', 'merchant', false, true);

create table share_receiver (
  merchant_id uuid not null,
  receiver_id uuid not null,
  relation text not null,
  added_at timestamptz not null,
  constraint share_receiver_pk primary key (merchant_id, receiver_id),
  constraint share_receiver_is_another check (merchant_id <> receiver_id)
);

create table share_pool (
  -- What was paid for: an order.
  source_id uuid not null,
  merchant_id uuid not null,
  currency char(3) not null,
  -- What the merchant got, less what was refunded; of it what is kept back, and what receivers have.
  amount_minor bigint not null,
  kept_minor bigint not null,
  given_minor bigint not null,
  opened_at timestamptz not null,
  -- Null: nothing is kept, shares are taken from what the merchant is owed.
  keeps_until timestamptz,
  constraint share_pool_pk primary key (source_id),
  constraint not_enough_to_share check (kept_minor >= 0 and given_minor >= 0 and kept_minor + given_minor <= amount_minor)
);
create index share_pool_due on share_pool (keeps_until) where kept_minor > 0;

create table share (
  id uuid not null,
  source_id uuid not null,
  merchant_id uuid not null,
  -- Whose numbers these are: a merchant may speak several forms.
  form text not null,
  number text not null,
  digest bytea not null,
  is_final boolean not null,
  released_minor bigint not null,
  made_at timestamptz not null,
  constraint share_pk primary key (id),
  constraint share_number_used unique (merchant_id, form, number)
);
create index share_source on share (source_id);

create table share_part (
  share_id uuid not null,
  place integer not null,
  receiver_id uuid not null,
  -- By which number the merchant means the receiver.
  named text not null,
  amount_minor bigint not null,
  returned_minor bigint not null default 0,
  description text not null,
  constraint share_part_pk primary key (share_id, place),
  constraint share_part_amount check (amount_minor > 0),
  constraint return_exceeds_share check (returned_minor between 0 and amount_minor)
);

create table share_return (
  id uuid not null,
  share_id uuid not null,
  merchant_id uuid not null,
  form text not null,
  number text not null,
  receiver_id uuid not null,
  amount_minor bigint not null,
  description text not null,
  made_at timestamptz not null,
  constraint share_return_pk primary key (id),
  constraint share_return_number unique (merchant_id, form, number),
  constraint share_return_amount check (amount_minor > 0)
);
create index share_return_share on share_return (share_id);
