"""The contract of a platform, for its own tests: here, and in packages outside. docs/adding-a-platform.md

    @pytest.mark.parametrize("contract", contracts(platform, Path("fixtures")), ids=str)
    def test_contract(contract):
        contract()

A case is a folder of recorded answers (docs/fixtures.md); beside them lies what they must give. That is written by
`python -m archiver.testing my_package.module:platform fixtures`, and read by a person.
"""

from archiver.testing.case import cases as cases
from archiver.testing.contract import Contract as Contract
from archiver.testing.contract import contracts as contracts
