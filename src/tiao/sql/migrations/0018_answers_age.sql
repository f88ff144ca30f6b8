-- Answers under Idempotency-Keys are forgotten after their time; the oldest are found by their age.
create index idempotent_answer_age on idempotent_answer (recorded_at);
