-- name: kept
-- Whether a model and a policy are kept.
select exists (select from credit_model where version = %(model)s) as has_model,
       exists (select from credit_policy where version = %(policy)s) as has_policy;

-- name: keep_model
-- Keep a model; one that is kept stays.
insert into credit_model (version, content, kept_at) values (%(version)s, %(content)s, %(at)s)
on conflict on constraint credit_model_pk do nothing;

-- name: keep_policy
-- Keep a policy; one that is kept stays.
insert into credit_policy (version, content, kept_at) values (%(version)s, %(content)s, %(at)s)
on conflict on constraint credit_policy_pk do nothing;

-- name: model_content
-- A model as it is kept.
select content from credit_model where version = %(version)s;

-- name: policy_content
-- A policy as it is kept.
select content from credit_policy where version = %(version)s;
