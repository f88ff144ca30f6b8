-- Versions of what decides: written down, tried in shadow, put to work by a second person, taken one step back.
create table registry_step (
  subject text not null,
  number integer not null,
  step text not null,
  version text not null,
  before text,
  maker text not null,
  actor text not null,
  reason text not null,
  evidence bytea,
  taken_at timestamptz not null,
  constraint registry_step_pk primary key (subject, number),
  constraint registry_step_kind check (step in ('drafted', 'proposed', 'withdrawn', 'promoted', 'put_back')),
  constraint registry_step_reason check (btrim(reason) <> ''),
  constraint registry_step_second_person check (step <> 'promoted' or (maker <> actor and evidence is not null))
);

create table registry_content (
  subject text not null,
  version text not null,
  content bytea not null,
  kept_at timestamptz not null,
  constraint registry_content_pk primary key (subject, version)
);

-- A rule that stopped more of this server's purchases than it may: it is softened until another version decides.
create table risk_rule_trip (
  rules text not null,
  code text not null,
  stopped integer not null,
  decided integer not null,
  cap_ppm integer not null,
  tripped_at timestamptz not null,
  constraint risk_rule_trip_pk primary key (rules, code)
);
