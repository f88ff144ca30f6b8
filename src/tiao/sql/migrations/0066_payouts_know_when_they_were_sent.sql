-- When a payout was sent last, which is only after the bank had never seen it: the day on which the channel's file has it, whenever its outcome was learned.
alter table payout add column sent_at timestamptz;
create index payout_sent on payout using brin (sent_at);
