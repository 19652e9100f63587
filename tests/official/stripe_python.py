"""Stripe's official Python library behind JSON lines: one request per line on stdin, one answer per line on stdout.

README.md describes the protocol, which stripe_node.mjs speaks too.
"""

import json
import sys
from unittest import mock

import stripe

# Thin events are parsed by a client, which wants a key; it never talks to the network here.
CLIENT = stripe.StripeClient("sk_test_not_a_real_key")


def sign(request):
    header = stripe.WebhookSignature.generate_signature_header(
        request["payload"], request["secret"], request["timestamp"]
    )
    return {"header": header}


def verify(request):
    payload = request["payload"]
    read = CLIENT.parse_event_notification if is_thin(payload) else CLIENT.construct_event
    try:
        # The library has no clock of its own to set.
        with mock.patch("time.time", return_value=request["now"]):
            event = read(payload, request["header"], request["secret"])
    except Exception as error:
        return {"ok": False, "error": str(error)}
    return {"ok": True, "id": event.id, "type": event.type}


def is_thin(payload):
    """An app knows the kind of an event by the endpoint. A payload that is not JSON is handled as a snapshot event."""
    try:
        return json.loads(payload)["object"] == "v2.core.event"
    except (ValueError, LookupError, TypeError):
        return False


OPERATIONS = {"sign": sign, "verify": verify}

for line in sys.stdin:
    request = json.loads(line)
    operation = OPERATIONS.get(request["op"])
    if operation is None:
        sys.exit(f"unknown op: {json.dumps(request['op'])}")
    print(json.dumps(operation(request)), flush=True)
