-- The number a bank's statement has among its account's (ElctrncSeqNb): one that was there before is another day's.
alter table channel_day add column statement_sequence bigint;
