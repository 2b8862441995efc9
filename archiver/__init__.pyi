"""The types of what `from archiver import …` gives."""

from archiver.calls import FAILED as FAILED
from archiver.calls import answer as answer
from archiver.calls import until_fails as until_fails
from archiver.errors import ArchiverError as ArchiverError
from archiver.errors import Gone as Gone
from archiver.errors import NetworkError as NetworkError
from archiver.errors import RateLimited as RateLimited
from archiver.errors import Refused as Refused
from archiver.exporters.exact_json import read_exact as read_exact
from archiver.http.message import Request as Request
from archiver.http.message import Response as Response
from archiver.model import Attachment as Attachment
from archiver.model import Author as Author
from archiver.model import Completeness as Completeness
from archiver.model import Counts as Counts
from archiver.model import Document as Document
from archiver.model import Kind as Kind
from archiver.model import Missing as Missing
from archiver.model import Option as Option
from archiver.model import Poll as Poll
from archiver.model import Post as Post
from archiver.model import Reason as Reason
from archiver.model import Role as Role
from archiver.model import Run as Run
from archiver.model import Summary as Summary
from archiver.model import Thread as Thread
from archiver.model import Verdict as Verdict
from archiver.model import utc as utc
from archiver.routes import Collected as Collected
from archiver.routes import Failure as Failure
from archiver.routes import Platform as Platform
from archiver.routes import Ref as Ref
from archiver.routes import Route as Route
from archiver.routes import Steps as Steps
from archiver.store.store import Archive as Archive
from archiver.threads.assemble import assemble as assemble
from archiver.threads.assemble import readable as readable
from archiver.threads.assemble import storm as storm
from archiver.threads.completeness import Proof as Proof

__version__: str
