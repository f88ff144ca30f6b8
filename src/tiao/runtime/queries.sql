-- name: test_clock
-- The programme's own time; no row or null when it runs on real time.
select case when is_test_clock then now_at end as now_at from programme;
