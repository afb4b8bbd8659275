"""The JSON of a transcript line on disk, as typed structs: only the fields a bill needs.

The one place where the client's camelCase lives. Fields that are large and rarely wanted stay `Raw`: the
decoder steps over them without making anything. Every field is optional, for the format is the client's own
and changes without notice; facts about it: versions 2.0 to 2.1.330.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct


class CacheCreation(Struct, gc=False):
    ephemeral_5m_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0


class ServerToolUse(Struct, gc=False):
    web_search_requests: int = 0


class OutputDetails(Struct, gc=False):
    thinking_tokens: int = 0


class Usage(Struct, gc=False):
    """`input_tokens` excludes both cache classes; `output_tokens` includes thinking."""

    input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    output_tokens: int = 0
    output_tokens_details: OutputDetails | None = None
    server_tool_use: ServerToolUse | None = None
    service_tier: str | None = None
    cache_creation: CacheCreation | None = None
    inference_geo: str | None = None
    iterations: Raw = Raw()
    speed: str | None = None


class Iteration(Struct, gc=False):
    """One entry of `usage.iterations`: an attempt or an advisor's call with its own model."""

    type: str | None = None
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation: CacheCreation | None = None
    speed: str | None = None


class Block(Struct, gc=False):
    """A content block of an answer or of a user message."""

    type: str = ""
    id: str | None = None
    name: str | None = None
    input: Raw = Raw()
    text: Raw = Raw()
    thinking: Raw = Raw()
    tool_use_id: str | None = None
    content: Raw = Raw()
    is_error: bool | None = None


class Message(Struct, gc=False):
    model: str | None = None
    id: str | None = None
    role: str | None = None
    content: list[Block] | str | None = None
    usage: Usage | None = None


class Origin(Struct, gc=False):
    kind: str | None = None


class Line(Struct, gc=False):
    """One line of a transcript, whatever its type."""

    parentUuid: str | None = None
    logicalParentUuid: str | None = None
    isSidechain: bool | None = None
    agentId: str | None = None
    promptId: str | None = None
    type: str = ""
    subtype: str | None = None
    message: Message | None = None
    attachment: Raw = Raw()
    apiBlockIndex: int | None = None
    requestId: str | None = None
    requestRef: str | None = None
    attributionSkill: str | None = None
    attributionPlugin: str | None = None
    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    isVisibleInTranscriptOnly: bool | None = None
    isApiErrorMessage: bool | None = None
    uuid: str | None = None
    timestamp: str | None = None
    promptSource: str | None = None
    origin: Origin | None = None
    toolUseResult: Raw = Raw()
    rendered: Raw = Raw()
    renderedRole: str | None = None
    entrypoint: str | None = None
    cwd: str | None = None
    sessionId: str | None = None
    session_id: str | None = None
    requestSessionId: str | None = None
    version: str | None = None
    gitBranch: str | None = None
    sessionKind: str | None = None
    compactMetadata: Raw = Raw()
    # cost-state
    totalCostUSD: Raw = Raw()
    startTime: int | float | None = None
    modelUsage: Raw = Raw()
    hasUnknownModelCost: bool | None = None
    # the request log of 2.1.330
    id: str | None = None
    hash: str | None = None
    shapeHash: str | None = None
    shape: Raw = Raw()
    base: str | None = None
    keep: int | None = None
    tail: list[str] | None = None
    querySource: str | None = None
    # small metadata lines
    taskId: str | None = None
    prNumber: int | None = None
    prUrl: str | None = None
    continuedInSessionId: str | None = None
    parentSessionId: str | None = None


class QuickMessage(Struct, gc=False):
    """What totals need of an answer."""

    model: str | None = None
    id: str | None = None
    usage: Usage | None = None


class QuickLine(Struct, gc=False):
    """What totals need of a line."""

    isSidechain: bool | None = None
    agentId: str | None = None
    type: str = ""
    message: QuickMessage | None = None
    requestId: str | None = None
    attributionSkill: str | None = None
    attributionPlugin: str | None = None
    isApiErrorMessage: bool | None = None
    uuid: str | None = None
    timestamp: str | None = None
    sessionId: str | None = None
    session_id: str | None = None
    requestSessionId: str | None = None
    gitBranch: str | None = None
    # cost-state
    totalCostUSD: Raw = Raw()
    startTime: int | float | None = None
    modelUsage: Raw = Raw()
    hasUnknownModelCost: bool | None = None


class Sent(Struct, gc=False):
    """The shape of a request: tools and system texts as sent."""

    system: list[Block] = []
    tools: list[Raw] = []


class Named(Struct, gc=False):
    name: str | None = None


class SnapshotTool(Struct, gc=False):
    """A tool in a `prompt_snapshot`: `schema` is what was sent."""

    schema: Raw = Raw()


class Attachment(Struct, gc=False):
    """What the client put beside a prompt."""

    type: str = ""
    files: Raw = Raw()
    filename: str | None = None
    path: str | None = None
    displayPath: str | None = None
    hookName: str | None = None
    systemPrompt: list[Raw] | None = None
    tools: Raw = Raw()
    content: Raw = Raw()
    text: Raw = Raw()
    prompt: Raw = Raw()
    names: Raw = Raw()


class NamedType(Struct, gc=False):
    type: str = ""


class MemoryFile(Struct, gc=False):
    path: str = ""
    content: Raw = Raw()


class Rendered(Struct, gc=False):
    content: Raw = Raw()


class Kept(Struct, gc=False):
    uuids: list[str] = []


class CompactMetadata(Struct, gc=False):
    trigger: str | None = None
    preTokens: int | None = None
    preservedMessages: Kept | None = None


class ModelTotal(Struct, gc=False):
    """One model's share of a `cost-state`."""

    inputTokens: int = 0
    outputTokens: int = 0
    thinkingTokens: int = 0
    cacheReadInputTokens: int = 0
    cacheCreationInputTokens: int = 0
    cacheCreationEphemeral5mInputTokens: int | None = None
    cacheCreationEphemeral1hInputTokens: int | None = None
    webSearchRequests: int = 0
    costUSD: Raw = Raw()


class ToolInput(Struct, gc=False):
    """The inputs of built-in tools that tell a person which call it was."""

    file_path: str | None = None
    notebook_path: str | None = None
    command: str | None = None
    path: str | None = None
    pattern: str | None = None
    url: str | None = None
    query: str | None = None
    subagent_type: str | None = None
    skill: str | None = None
    name: str | None = None


class Dimensions(Struct, gc=False):
    displayWidth: int = 0
    displayHeight: int = 0


class ResultFile(Struct, gc=False):
    dimensions: Dimensions | None = None


class ImageResult(Struct, gc=False):
    """`toolUseResult` of a tool that showed a picture."""

    file: ResultFile | None = None


class AgentResult(Struct, gc=False):
    agentId: str | None = None
    status: str | None = None


class Sidecar(Struct, gc=False):
    """`agent-*.meta.json` beside an agent's transcript."""

    agentType: str | None = None
    toolUseId: str | None = None
    parentAgentId: str | None = None
    spawnDepth: int | None = None
    model: str | None = None
    isFork: bool | None = None


LINE = msgspec.json.Decoder(Line)
QUICK_LINE = msgspec.json.Decoder(QuickLine)
#: What is stored of a span of lines: core/sightings.py.
SIGHTINGS = msgspec.json.Decoder(list[list])  # type: ignore[type-arg]
BLOCKS = msgspec.json.Decoder(list[Block])
ITERATIONS = msgspec.json.Decoder(list[Iteration])
SENT = msgspec.json.Decoder(Sent)
NAMED = msgspec.json.Decoder(Named)
SNAPSHOT_TOOL = msgspec.json.Decoder(SnapshotTool)
RAWS = msgspec.json.Decoder(list[Raw])
ATTACHMENT = msgspec.json.Decoder(Attachment)
NAMED_TYPE = msgspec.json.Decoder(NamedType)
MEMORY_FILES = msgspec.json.Decoder(list[MemoryFile])
RENDERED = msgspec.json.Decoder(list[Rendered])
COMPACT = msgspec.json.Decoder(CompactMetadata)
MODEL_TOTALS = msgspec.json.Decoder(dict[str, ModelTotal])
TOOL_INPUT = msgspec.json.Decoder(ToolInput)
IMAGE_RESULT = msgspec.json.Decoder(ImageResult)
AGENT_RESULT = msgspec.json.Decoder(AgentResult)
SIDECAR = msgspec.json.Decoder(Sidecar)
