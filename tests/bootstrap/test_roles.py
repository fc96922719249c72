"""What can be started is what the design calls built."""

import pytest

from barque.bootstrap.roles import STARTERS, role_of
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Status
from barque.domain.errors import NotReady, UnknownName

PLANNED = [role.name for role in BARQUE.roles if role.status is Status.PLANNED]


def test_the_roles_that_start_are_the_roles_that_are_built():
    built = {role.name for role in BARQUE.roles if role.status is Status.BUILT}

    assert set(STARTERS) == built
    assert [role_of(name).name for name in STARTERS] == list(STARTERS)


@pytest.mark.parametrize("name", PLANNED)
def test_a_planned_role_says_that_it_is_planned_and_what_there_is(name):
    with pytest.raises(NotReady, match=rf"The role {name} \(.*\) is planned.*: api and trader\."):
        role_of(name)


def test_a_mistyped_role_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'trader'"):
        role_of("tradr")
