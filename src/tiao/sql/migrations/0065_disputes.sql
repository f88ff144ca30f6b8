-- A customer says that a purchase is not as it should be; the merchant answers; somebody decides; money follows.
create table dispute (
  bucket smallint not null,
  id uuid not null,
  purchase_id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  merchant_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null,
  -- What is taken off the merchant's account until it is decided.
  held_minor bigint not null,
  awarded_minor bigint,
  reason text not null,
  state text not null,
  opened_at timestamptz not null,
  evidence_due_at timestamptz not null,
  decide_due_at timestamptz not null,
  closed_at timestamptz,
  decided_by text,
  note text,
  refund_id uuid,
  constraint dispute_pk primary key (bucket, id),
  constraint dispute_amounts check (amount_minor > 0 and held_minor between 0 and amount_minor
                                    and awarded_minor between 0 and amount_minor),
  constraint dispute_state check (state in ('opened', 'answered', 'accepted', 'undefended', 'decided', 'withdrawn')),
  constraint dispute_is_closed check ((closed_at is null) = (state in ('opened', 'answered'))
                                      and (awarded_minor is null) = (state in ('opened', 'answered')))
);
create unique index dispute_already_open on dispute (bucket, purchase_id) where closed_at is null;
create index dispute_merchant on dispute (merchant_id, opened_at);
create index dispute_due on dispute (evidence_due_at) where state = 'opened';

create table dispute_statement (
  bucket smallint not null,
  dispute_id uuid not null,
  number smallint not null,
  author text not null,
  text_sealed bytea not null,
  at timestamptz not null,
  constraint dispute_statement_pk primary key (bucket, dispute_id, number),
  constraint dispute_statement_author check (author in ('consumer', 'merchant', 'operator'))
);

-- Evidence: what it is known by is kept beside it.
create table dispute_file (
  bucket smallint not null,
  dispute_id uuid not null,
  number smallint not null,
  author text not null,
  name text not null,
  media_type text not null,
  size_bytes integer not null,
  digest bytea not null,
  content_sealed bytea not null,
  at timestamptz not null,
  constraint dispute_file_pk primary key (bucket, dispute_id, number),
  constraint dispute_file_author check (author in ('consumer', 'merchant', 'operator'))
);
