# What the stack refuses, whoever writes it.

mock_provider "aws" {
  source = "../mocks"
}

variables {
  design  = jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design
  account = { id = "111122223333" }
}

run "one_way_out_for_all_zones_is_refused_where_money_depends_on_it" {
  command = plan

  variables {
    design = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design, { nat_per_zone = false })
  }

  expect_failures = [var.design]
}

run "no_standby_is_refused_where_money_depends_on_it" {
  command = plan

  variables {
    design = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design, { database = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design.database, { multi_az = false }) })
  }

  expect_failures = [var.design]
}

run "one_replica_is_refused_where_money_depends_on_it" {
  command = plan

  variables {
    design = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design, { database = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design.database, { replicas = 1 }) })
  }

  expect_failures = [var.design]
}

run "a_week_of_recovery_is_refused_where_money_depends_on_it" {
  command = plan

  variables {
    design = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design, { database = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design.database, { backup_days = 7 }) })
  }

  expect_failures = [var.design]
}

run "a_cache_alone_is_refused_where_money_depends_on_it" {
  command = plan

  variables {
    design = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design, { cache = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design.cache, { replicas = 0 }) })
  }

  expect_failures = [var.design]
}

run "a_platform_that_does_not_exist_is_refused" {
  command = plan

  variables {
    design = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design, { platform = "mainframe" })
  }

  expect_failures = [var.design]
}

run "a_cluster_without_machines_for_its_system_is_refused" {
  command = plan

  variables {
    design = merge(jsondecode(file("../envs/prod/barque.auto.tfvars.json")).design, { machines = { trading = { instance_type = "m7i.large", least = 1, most = 1 } } })
  }

  expect_failures = [var.design]
}

run "an_account_without_twelve_digits_is_refused" {
  command = plan

  variables {
    account = { id = "42" }
  }

  expect_failures = [var.account]
}

run "a_switch_to_a_region_that_is_not_named_is_refused" {
  command = plan

  variables {
    account = { id = "111122223333", secondary_serves = true }
  }

  expect_failures = [var.account]
}
