-- Which bills fell due on a day is asked whether or not they were paid; and settling a bill changes no index any more.
drop index bill_due;
create index bill_due on bill (bucket, due_on);

-- Loans that were late when last looked at: a day that finds nothing late any more need not read all loans there ever were.
create index loan_staged on loan (bucket, id) where stage > 0;
