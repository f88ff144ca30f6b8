-- What was said to customers and merchants: written with the fact it tells of, sent afterwards. Times are the programme's.
create table message (
  bucket smallint not null,
  id uuid not null,
  recipient text not null,
  recipient_id uuid not null,
  kind text not null,
  language text not null,
  -- As it was said; a one-time code is masked.
  text text not null,
  about_id uuid,
  state text not null,
  -- The masked part, encrypted, only until it has left.
  secret_sealed bytea,
  attempts integer not null default 0,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  due_at timestamptz,
  sent_at timestamptz,
  ended_at timestamptz,
  gateway_no text,
  code text,
  constraint message_pk primary key (bucket, id),
  constraint message_recipient check (recipient in ('customer', 'merchant')),
  constraint message_language check (language in ('zh-CN', 'en')),
  constraint message_state check (state in ('queued', 'sent', 'delivered', 'undelivered', 'given_up', 'kept')),
  constraint message_is_due_while_queued check ((state = 'queued') = (due_at is not null)),
  constraint message_keeps_no_secret check (secret_sealed is null or state = 'queued'),
  constraint message_sent_has_number check (state not in ('sent', 'delivered', 'undelivered') or gateway_no is not null)
);
create index message_due on message (due_at) where due_at is not null;
create index message_recipient_time on message (bucket, recipient_id, made_at, id);
