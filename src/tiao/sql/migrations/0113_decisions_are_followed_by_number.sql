-- What was decided since somebody last looked is found by its number. Ranges are summarised as they fill up.
create index risk_decision_folded on risk_decision using brin (fold_number) with (autosummarize = on);

-- Who hangs together with nobody needs no row that says so.
delete from risk_component where size = 1;
