-- What a customer asks people to do: complaints, data rights, help in hardship; and the answer, owed by a day.
create table petition (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  kind text not null,
  words text not null,
  about_id uuid,
  state text not null,
  made_at timestamptz not null,
  due_at timestamptz not null,
  ended_at timestamptz,
  answer text,
  answered_by text,
  constraint petition_pk primary key (bucket, id),
  constraint petition_kind check (
    kind in ('complaint', 'data_copy', 'data_correction', 'data_deletion', 'hardship', 'close_line')
  ),
  constraint petition_state check (state in ('open', 'done', 'refused', 'withdrawn')),
  constraint petition_ends_once check ((state = 'open') = (ended_at is null)),
  constraint petition_answer_is_whole check (
    (state in ('done', 'refused')) = (answer is not null) and (answer is null) = (answered_by is null)
  )
);
create unique index petition_already_open
  on petition (bucket, customer_id, kind, (coalesce(about_id, '00000000-0000-0000-0000-000000000000'::uuid)))
  where state = 'open';
create index petition_of_customer on petition (bucket, customer_id, made_at);
create index petition_owed on petition (due_at) where state = 'open';

-- When a customer's own browser was first shown a cost sheet, by our clock: how long it was read is not for a script to say.
create table cost_sheet_view (
  bucket smallint not null,
  customer_id uuid not null,
  digest bytea not null,
  shown_at timestamptz not null,
  constraint cost_sheet_view_pk primary key (bucket, customer_id, digest)
);
