-- Why a bill was debited at its hour: each try with what was known, what was due and what was asked.
create table collection_try (
  bucket smallint not null,
  order_id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  due_on date not null,
  tried_at timestamptz not null,
  due_minor bigint not null,
  amount_minor bigint not null,
  why jsonb not null,
  constraint collection_try_pk primary key (bucket, order_id),
  constraint collection_try_amounts check (amount_minor > 0 and amount_minor <= due_minor)
);
create index collection_try_of_line on collection_try (bucket, line_id, tried_at);
