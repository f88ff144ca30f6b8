-- What was seen of each merchant on a day, by this server's customers, and whether its settlements are held.
create table risk_merchant_day (
  merchant_id uuid not null,
  day_on date not null,
  purchases integer not null,
  amount_minor bigint not null,
  refunds integer not null,
  refunded_minor bigint not null,
  -- Purchases just below a limit from which more is asked; those that took nearly all of a line; those of linked customers.
  just_below integer not null,
  draining integer not null,
  draining_minor bigint not null,
  linked integer not null,
  customers integer not null,
  alarms text[] not null default '{}',
  constraint risk_merchant_day_pk primary key (merchant_id, day_on),
  constraint risk_merchant_day_counts check (
    purchases >= 0 and least(just_below, draining, linked) >= 0 and greatest(just_below, draining, linked) <= purchases)
);
create index risk_merchant_day_on on risk_merchant_day (day_on);

-- A merchant's settlements are computed, and not paid out, until somebody frees them. Home only.
create table settlement_hold (
  merchant_id uuid not null,
  held_at timestamptz not null,
  held_by text not null,
  reason text not null,
  freed_at timestamptz,
  freed_by text,
  constraint settlement_hold_pk primary key (merchant_id, held_at),
  constraint settlement_hold_ends check ((freed_at is null) = (freed_by is null))
);
create unique index settlement_already_held on settlement_hold (merchant_id) where freed_at is null;
