-- What operators did: changed something, saw what is masked for everybody else, took a list out. Appended only.
create table operator_act (
  id uuid not null,
  at timestamptz not null,
  operator_id uuid not null,
  key_id uuid not null,
  did text not null,
  -- Method and path, without what was asked or answered.
  operation text not null,
  reason text,
  constraint operator_act_pk primary key (id),
  constraint operator_act_did check (did in ('changed', 'saw', 'exported'))
);
create index operator_act_operator on operator_act (operator_id, at);

create function operator_act_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'what operators did is appended only';
end $$;
create trigger operator_act_is_append_only before update or delete or truncate on operator_act
  for each statement execute function operator_act_refuse_change();
