-- What merchants are told of (docs/decisions/0020-events-are-written-by-the-database.md). A row is written in the
-- transaction of its fact. Its place in the log is given later, by one at a time: whoever has read up to a place has
-- missed none before it.
create sequence merchant_event_place;
create table merchant_event (
  bucket smallint not null,
  number bigint generated always as identity,
  merchant_id uuid not null,
  kind text not null,
  subject_id uuid not null,
  -- What has this key is told in order: the purchase, or whatever else it is about.
  key_id uuid not null,
  happened_at timestamptz not null,
  place bigint,
  constraint merchant_event_pk primary key (bucket, number)
) with (fillfactor = 80);
create index merchant_event_new on merchant_event (number) where place is null;
create unique index merchant_event_log on merchant_event (merchant_id, place) where place is not null;

-- Where a merchant is told. What it is told of: the kinds named, or all when none is.
create table webhook_endpoint (
  id uuid not null,
  merchant_id uuid not null,
  url text not null,
  kinds text[] not null,
  description text not null,
  status text not null,
  reason text,
  -- It asked not to be called before.
  rests_until timestamptz,
  made_at timestamptz not null,
  changed_at timestamptz not null,
  constraint webhook_endpoint_pk primary key (id),
  constraint webhook_endpoint_status check (status in ('enabled', 'disabled')),
  constraint webhook_endpoint_reason check ((status = 'enabled') = (reason is null))
);
create index webhook_endpoint_merchant on webhook_endpoint (merchant_id, id);

create table webhook_secret (
  endpoint_id uuid not null,
  number smallint not null,
  hmac_sealed bytea not null,
  ed25519_sealed bytea not null,
  public_key text not null,
  made_at timestamptz not null,
  ends_at timestamptz,
  constraint webhook_secret_pk primary key (endpoint_id, number),
  constraint webhook_secret_endpoint foreign key (endpoint_id) references webhook_endpoint (id) on delete cascade
);

-- How far each server's log was read for an endpoint.
create table webhook_progress (
  endpoint_id uuid not null,
  shard smallint not null,
  place bigint not null,
  constraint webhook_progress_pk primary key (endpoint_id, shard),
  constraint webhook_progress_endpoint foreign key (endpoint_id) references webhook_endpoint (id) on delete cascade
);

-- An event on its way to an endpoint; the event may lie on another server, so what is told stands here too.
create table webhook_delivery (
  endpoint_id uuid not null,
  bucket smallint not null,
  event_number bigint not null,
  kind text not null,
  subject_id uuid not null,
  key_id uuid not null,
  happened_at timestamptz not null,
  -- Attempts of the present plan, and of all.
  attempts smallint not null default 0,
  tries smallint not null default 0,
  due_at timestamptz not null,
  leased_until timestamptz,
  delivered_at timestamptz,
  constraint webhook_delivery_pk primary key (endpoint_id, bucket, event_number),
  constraint webhook_delivery_endpoint foreign key (endpoint_id) references webhook_endpoint (id) on delete cascade
) with (fillfactor = 80);
create index webhook_delivery_due on webhook_delivery (endpoint_id, due_at) where delivered_at is null;
create index webhook_delivery_key on webhook_delivery (endpoint_id, key_id, event_number) where delivered_at is null;

create table webhook_attempt (
  endpoint_id uuid not null,
  bucket smallint not null,
  event_number bigint not null,
  number smallint not null,
  at timestamptz not null,
  status smallint not null,
  reason text not null,
  took_ms integer not null,
  constraint webhook_attempt_pk primary key (endpoint_id, bucket, event_number, number),
  constraint webhook_attempt_delivery foreign key (endpoint_id, bucket, event_number)
    references webhook_delivery (endpoint_id, bucket, event_number) on delete cascade
);
