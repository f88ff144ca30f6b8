-- A card that a customer binds. Its number is sealed and found by a keyed digest; neither outlives the card.
create table card (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  number_sealed bytea,
  number_hmac bytea,
  tail text not null,
  issuer text not null,
  kind text not null,
  account_class smallint,
  state text not null,
  source_id uuid,
  code_hmac bytea,
  code_until timestamptz,
  code_tries smallint not null default 0,
  made_at timestamptz not null,
  bound_at timestamptz,
  ended_at timestamptz,
  constraint card_pk primary key (bucket, id),
  constraint card_state check (state in ('pending', 'bound', 'ended')),
  constraint card_tail check (tail ~ '^[0-9]{4}$'),
  constraint card_number_goes_with_it check ((state = 'ended') = (number_sealed is null)
                                             and (number_sealed is null) = (number_hmac is null)),
  constraint card_code_while_pending check ((state = 'pending') = (code_hmac is not null)),
  constraint card_bound_has_source check (state <> 'bound' or source_id is not null)
);
create unique index card_already_bound on card (bucket, customer_id, number_hmac) where state = 'bound';
create index card_of_customer on card (bucket, customer_id);
