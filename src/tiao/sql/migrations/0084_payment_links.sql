-- Addresses by which a customer pays what is due without signing in: for one payment, until an instant, one at a time.
create table payment_link (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  made_by text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  tries smallint not null default 0,
  order_id uuid,
  ended_at timestamptz,
  constraint payment_link_pk primary key (bucket, id),
  constraint payment_link_expires check (expires_at > made_at),
  constraint payment_link_tries check (tries between 0 and 5)
);
create unique index payment_link_open on payment_link (bucket, line_id) where ended_at is null;
