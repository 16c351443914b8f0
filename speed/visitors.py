"""Visitors of the leaderboard's page without a browser, for `leaderboard_server.py`."""

import asyncio


async def visit(url: str, n: int) -> None:
    """Let n visitors come at once, until all have got the whole page."""
    await asyncio.gather(*(visitor(url) for _ in range(n)))


async def visitor(url: str) -> None:
    """Ask for the page as a browser does, until the script has ended."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets import Subprotocol
    from websockets.asyncio.client import connect

    address = f"{url.replace('http', 'ws', 1)}_stcore/stream"
    async with connect(
        address, subprotocols=[Subprotocol("streamlit")], max_size=None, ping_interval=None
    ) as link:
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        ask.rerun_script.page_name = "board"
        await link.send(ask.SerializeToString())
        async for message in link:
            if not isinstance(message, bytes):
                continue
            told = ForwardMsg()
            told.ParseFromString(message)
            if told.WhichOneof("type") == "script_finished":
                if told.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise RuntimeError("the page failed")
                return
