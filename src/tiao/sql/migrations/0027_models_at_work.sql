-- Which part a model takes in this programme: facts, never changed. The last that was promoted or put back decides; the
-- last that was proposed and neither promoted nor withdrawn is scored beside it.
create table credit_model_step (
  number integer not null,
  step text not null,
  version text not null,
  -- What decided before, so that one step leads back to it.
  before text,
  -- Who proposed the model, and who took this step.
  maker text not null,
  actor text not null,
  reason text not null,
  evidence bytea,
  taken_at timestamptz not null,
  constraint credit_model_step_pk primary key (number),
  constraint credit_model_step_kind check (step in ('proposed', 'withdrawn', 'promoted', 'put_back')),
  constraint credit_model_step_kept foreign key (version) references credit_model (version),
  constraint credit_model_step_proven check ((step = 'promoted') = (evidence is not null)),
  constraint maker_is_checker check (step <> 'promoted' or actor <> maker)
);

-- What a model in shadow would have decided. It never decides.
create table credit_shadow (
  bucket smallint not null,
  decision_id uuid not null,
  model_version text not null,
  outcome text not null,
  probability double precision not null,
  score integer not null,
  grade text not null,
  reasons text[] not null,
  limit_minor bigint not null,
  scored_at timestamptz not null,
  constraint credit_shadow_pk primary key (bucket, decision_id, model_version)
);
