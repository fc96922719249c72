"""What is watched and who is told: objectives, rules, their tests, runbooks and dashboards."""
