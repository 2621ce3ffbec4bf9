"""Starts Rasa's server. Runs inside Rasa's environment (Python 3.10).

Called in place of Rasa's command line, which would show the token to everybody who lists the
machine's processes.
"""

from __future__ import annotations

import argparse
import logging
import os
import warnings

import rasa.core.run
import rasa.utils.log_utils
from rasa.core.utils import AvailableEndpoints


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--endpoints", required=True)
    parser.add_argument("--credentials", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    # Rasa logs what people wrote at lower levels; masked, but it has no business in a log.
    logging.basicConfig(level=logging.WARNING)
    rasa.utils.log_utils.configure_structlog(logging.WARNING)
    warnings.simplefilter("ignore")
    rasa.core.run.serve_application(
        model_path=arguments.model,
        credentials=arguments.credentials,
        endpoints=AvailableEndpoints.read_endpoints(arguments.endpoints),
        interface="127.0.0.1",
        port=arguments.port,
        enable_api=True,
        auth_token=os.environ["JINGKANG_RASA_TOKEN"],
        response_timeout=15,
    )


if __name__ == "__main__":
    main()
