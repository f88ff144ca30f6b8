-- Whether behavioural scores are made and whether they act: facts, never changed. The last one counts.
create table credit_warning_step (
  number integer not null,
  mode text not null,
  version text,
  -- Who put the model into shadow, and who took this step.
  maker text not null,
  actor text not null,
  reason text not null,
  taken_at timestamptz not null,
  constraint credit_warning_step_pk primary key (number),
  constraint credit_warning_step_mode check (mode in ('off', 'shadow', 'on')),
  constraint credit_warning_step_model check ((mode = 'off') = (version is null)),
  constraint credit_warning_step_kept foreign key (version) references credit_model (version),
  constraint maker_is_checker check (mode <> 'on' or actor <> maker)
);

-- What a model made of each line, once a month: what it saw, so that it can be run again, and why.
create table credit_behaviour (
  bucket smallint not null,
  line_id uuid not null,
  scored_on date not null,
  customer_id uuid not null,
  model_version text not null,
  inputs bytea not null,
  inputs_digest bytea not null,
  probability double precision not null,
  score integer not null,
  grade text not null,
  reasons text[] not null,
  -- Whether it took part in reviews, or was made in shadow.
  is_acting boolean not null,
  scored_at timestamptz not null,
  constraint credit_behaviour_pk primary key (bucket, line_id, scored_on),
  constraint credit_behaviour_probability check (probability > 0 and probability < 1)
);

alter table credit_watch add column behaviour_version text;
alter table credit_watch add column behaviour_reasons text[] not null default '{}';
-- Since when the behaviour warns: who reminds early asks for it.
alter table credit_watch add column warned_on date;
create index credit_watch_warned on credit_watch (bucket, warned_on) where warned_on is not null;
