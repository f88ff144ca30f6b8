-- Every attempt to reach somebody about a debt, with what came of it; a promise is part of the contact in which it was given.
create table collection_contact (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  channel text not null,
  outcome text not null,
  script text not null,
  note text not null,
  promise_minor bigint,
  promise_on date,
  -- Who made it, as the API names operators.
  operator text not null,
  -- The day where the debtor is: attempts are counted by it.
  on_day date not null,
  at timestamptz not null,
  constraint collection_contact_pk primary key (bucket, id),
  constraint collection_contact_channel check (channel in ('call', 'text', 'letter', 'visit')),
  constraint collection_contact_outcome check (
    outcome in ('reached', 'promised', 'no_answer', 'wrong_person', 'refused', 'complaint')),
  constraint collection_contact_promise check (
    (outcome = 'promised') = (promise_minor is not null) and (promise_minor is null) = (promise_on is null)
    and promise_minor > 0 and promise_on >= on_day)
);
create index collection_contact_line on collection_contact (bucket, line_id, at);
