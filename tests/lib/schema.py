"""Is it what its format says? Schemas are in tests/lib/schemas."""

import json
import os
import subprocess

import jsonschema

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'schemas')


def valid_xml(body, name):
    """body, by NAME.rng; xmllint says what is wrong."""
    done = subprocess.run(['xmllint', '--nonet', '--noout', '--relaxng',
                           os.path.join(FOLDER, name + '.rng'), '-'], input=body,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode(errors='replace')[:2000]


def valid_json(body, name):
    with open(os.path.join(FOLDER, name + '.json')) as f:
        jsonschema.Draft7Validator(json.load(f)).validate(json.loads(body))
