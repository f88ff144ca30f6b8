-- What is said because a debt went unpaid is looked through each day: who paid after all is no fraud.
create index risk_label_collections on risk_label (bucket, customer_id) where source = 'collections';
-- Which loans came to a stage on a day.
create index loan_stage_change_on on loan_stage_change (changed_on, bucket);
