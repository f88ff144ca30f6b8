-- Sales in person. Stores, terminals, slots and sales lie at home; a device lies with its customer. Times of codes are the
-- real clock's.
create table merchant_store (
  id uuid not null,
  merchant_id uuid not null,
  name text not null,
  address text not null,
  made_at timestamptz not null,
  constraint merchant_store_pk primary key (id)
);
create index merchant_store_merchant on merchant_store (merchant_id, id);

create table merchant_terminal (
  id uuid not null,
  store_id uuid not null,
  merchant_id uuid not null,
  label text not null,
  -- Opens the page of the printed code, if there is one.
  static_token text,
  misses integer not null default 0,
  locked_until timestamptz,
  made_at timestamptz not null,
  constraint merchant_terminal_pk primary key (id),
  constraint merchant_terminal_store foreign key (store_id) references merchant_store (id),
  constraint merchant_terminal_static unique (static_token)
);
create index merchant_terminal_of_store on merchant_terminal (store_id, id);

-- A customer's device that shows codes, and the cost sheet that was confirmed for paying by them without more.
create table pay_device (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  label text not null,
  agreed_digest bytea not null,
  agreed_minor bigint not null,
  agreed_late_rate text not null,
  shown_at timestamptz not null,
  confirmed_at timestamptz not null,
  made_at timestamptz not null,
  ended_at timestamptz,
  constraint pay_device_pk primary key (bucket, id),
  constraint pay_device_was_read check (confirmed_at >= shown_at)
);
create index pay_device_customer on pay_device (bucket, customer_id);

-- What the codes of a device mean until its next refresh; nobody can tell two slots of one device.
create table pay_slot (
  slot integer not null,
  device_id uuid not null,
  customer_id uuid not null,
  secret_sealed bytea not null,
  granted_at timestamptz not null,
  ends_at timestamptz not null,
  burnt_step bigint not null default 0,
  misses integer not null default 0,
  constraint pay_slot_pk primary key (slot),
  constraint pay_slot_range check (slot between 0 and 99999999)
);
create index pay_slot_device on pay_slot (device_id);

-- A sale in person: which order, where and how; once it is being paid, by whom, on which day, in which class.
create table counter_sale (
  order_id uuid not null,
  merchant_id uuid not null,
  store_id uuid not null,
  terminal_id uuid not null,
  kind text not null,
  payer_id uuid,
  paid_on date,
  code_class text,
  reserved_at timestamptz,
  made_at timestamptz not null,
  constraint counter_sale_pk primary key (order_id),
  constraint counter_sale_order foreign key (order_id) references merchant_order (id),
  constraint counter_sale_kind check (kind in ('code', 'dynamic', 'static')),
  constraint counter_sale_counts check ((paid_on is null) = (code_class is null))
);
create index counter_sale_payer on counter_sale (payer_id, paid_on) where paid_on is not null;
