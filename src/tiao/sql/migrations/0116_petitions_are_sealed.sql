-- What customers ask people to do, and the answers, are sealed like what is said in disputes. The database holds no key: what was
-- written in the clear before is read as it is, and sealed when it is next written or by the nightly round.
alter table petition add column words_sealed bytea, add column answer_sealed bytea;
alter table petition alter column words drop not null;
alter table petition drop constraint petition_answer_is_whole;
alter table petition
  add constraint petition_words_once check ((words is null) <> (words_sealed is null)),
  add constraint petition_answer_once check (answer is null or answer_sealed is null),
  add constraint petition_answer_is_whole check (
    (state in ('done', 'refused')) = (answer is not null or answer_sealed is not null)
    and (answer is null and answer_sealed is null) = (answered_by is null)
  );
create index petition_in_clear on petition (bucket, id) where words is not null or answer is not null;
