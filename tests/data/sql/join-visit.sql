-- near in time, of an access log that is not in order: what a host asks for within two minutes behind a request that failed
-- $ stail --on-error skip --parse combined access.log | sjoin --on .host --after 2m --delay 1h --left-when '.status >= 400' --right-when '.status < 400' --type full --merge '{host: ($left // $right).host, failed: $left.path, path: $right.path}' | sfilter '.failed' | swindow --all --by .host --by .failed '{n: count, paths: distinct(.path), some: count(.path != null)}' | sfilter '.n >= 3'
SELECT l.host, l.path AS failed, count(*) AS n, count(DISTINCT r.path) AS paths, count(r.path) AS some
FROM (FROM log WHERE status >= 400) l LEFT JOIN (FROM log WHERE status < 400) r ON l.host = r.host AND r.t BETWEEN l.t AND l.t + INTERVAL 2 MINUTE
GROUP BY ALL HAVING count(*) >= 3
