-- What a line has beside its fixed limit: more for a while, more for one scene or merchant, less for a scene.
-- The line's own limit holds it all; `sublimits` counts what is in force, so that lines without any are not asked twice.
create table credit_sublimit (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  kind text not null,
  scene text,
  merchant_id uuid,
  amount_minor bigint not null,
  ends_on date,
  granted_id uuid not null,
  granted_at timestamptz not null,
  ended_at timestamptz,
  constraint credit_sublimit_pk primary key (bucket, id),
  constraint credit_sublimit_kind check (kind in ('temporary', 'exclusive', 'scene')),
  constraint credit_sublimit_amount check (amount_minor > 0),
  constraint credit_sublimit_scope check (
    (kind = 'temporary' and scene is null and merchant_id is null and ends_on is not null)
    or (kind = 'exclusive' and num_nonnulls(scene, merchant_id) = 1 and ends_on is not null)
    or (kind = 'scene' and scene is not null and merchant_id is null))
);
create index credit_sublimit_in_force on credit_sublimit (bucket, line_id) where ended_at is null;
alter table credit_line add column sublimits smallint not null default 0;

-- How each line looked when it was last reviewed: which warnings were on, so that they go off later than they came.
create table credit_watch (
  bucket smallint not null,
  line_id uuid not null,
  behaviour double precision,
  behaviour_on date,
  flags text[] not null default '{}',
  constraint credit_watch_pk primary key (bucket, line_id)
) with (fillfactor = 70);

alter table credit_case add column limit_kind text not null default 'fixed';
alter table credit_case add column scene text;
alter table credit_case add column merchant_id uuid;
alter table credit_case add column ends_on date;
alter table credit_decision drop constraint credit_decision_outcome;
alter table credit_decision add constraint credit_decision_outcome check (outcome in (
  'approved', 'declined', 'referred', 'lapsed', 'upheld', 'raised', 'cut', 'frozen', 'unfrozen', 'granted', 'ended'));

-- It answers more than it did; what answers is made anew with the functions.
drop function if exists checkout_facts(smallint[], uuid[], uuid[], uuid[]);
