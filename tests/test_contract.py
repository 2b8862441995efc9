"""The contract of a platform, walked over those that are built in and all their cases."""

import pytest
from cases import FIXTURES

from archiver.platforms import BUILT_IN
from archiver.testing import Contract, contracts

ALL = [
    pytest.param(contract, id=f"{platform.name} {contract}")
    for platform in BUILT_IN
    for contract in contracts(platform, FIXTURES / platform.name)
]


@pytest.mark.parametrize("contract", ALL)
def test_the_contract_of_a_platform_holds(contract: Contract) -> None:
    contract()
