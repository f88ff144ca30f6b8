-- name: insert_payoff
-- Write down what a debit is to settle.
insert into loan_payoff (bucket, debit_id, line_id, loan_id, quoted_minor, quoted_on)
values (%(bucket)s, %(debit)s, %(line)s, %(loan)s, %(quoted)s, %(quoted_on)s);

-- name: payoffs
-- What debits are to settle, where they are to settle something.
select debit_id, loan_id from loan_payoff
 where bucket = any (%(buckets)s::smallint[]) and debit_id = any (%(debits)s::uuid[]);
