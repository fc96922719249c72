# small, whole: everything is planned at once, against what AWS would say.

mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "the_environment_is_what_the_design_says" {
  command = plan

  assert {
    condition     = length(module.barque.nat_addresses) == 1
    error_message = "There must be one way out."
  }

  assert {
    condition     = length(module.barque.database.replicas) == 0
    error_message = "There must be no read replicas."
  }

  assert {
    condition     = module.barque.for_kubernetes == null && module.barque.machines == tomap({ trading = "barque-small-trading" })
    error_message = "There must be one group of machines that carries every role, and no cluster."
  }

  assert {
    condition     = module.barque.copies == null
    error_message = "Nothing is copied to another region."
  }
}
