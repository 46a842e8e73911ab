"""What ``eseal`` uses of others, in memory before the first command: imported, nothing more.

Nothing of eseal itself is here: every command loads all of that anew.
"""

# ruff: noqa: F401 - imported so that they are there
import alembic.command
import alembic.config
import alembic.runtime.migration
import cryptography.x509
import eth.vm.forks.prague
import eth_account
import fastapi
import httpx
import jinja2
import multipart
import orjson
import prometheus_client
import psycopg
import pybreaker
import pydantic_settings
import pyhanko.sign
import rich.progress
import rich.table
import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite
import stdnum
import structlog
import tenacity
import typer
import uvicorn
import web3
