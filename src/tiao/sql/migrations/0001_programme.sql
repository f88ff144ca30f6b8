-- A database holds one programme: one lender, one market, one time zone, one clock.
create table programme (
  id smallint not null default 1,
  name text not null,
  currency char(3) not null,
  time_zone text not null,
  market text not null,
  lender_type text not null,
  is_test_clock boolean not null,
  now_at timestamptz,
  -- Postings recorded after the cut-off of a day are booked on a later day, even while that day is still being closed.
  cut_off_on date not null,
  closed_through date not null,
  opened_on date not null,
  constraint programme_pk primary key (id),
  constraint programme_is_one check (id = 1),
  constraint programme_test_clock_has_a_time check (is_test_clock = (now_at is not null)),
  constraint programme_cut_off_leads check (cut_off_on >= closed_through)
);

-- The answer a caller got for an Idempotency-Key, given again when the key returns.
create table idempotent_answer (
  tenant_id uuid not null,
  key text not null,
  digest bytea not null,
  status smallint not null,
  answer bytea not null,
  recorded_at timestamptz not null,
  constraint idempotent_answer_pk primary key (tenant_id, key)
);

-- How far the close of a business day has come: one row for each finished step and range of buckets.
create table close_step (
  business_date date not null,
  step text not null,
  bucket_from smallint not null,
  bucket_to smallint not null,
  rows_changed bigint not null,
  finished_at timestamptz not null,
  constraint close_step_pk primary key (business_date, step, bucket_from)
);
