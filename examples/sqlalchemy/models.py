from sqlalchemy import BigInteger, Column, DateTime, Enum, ForeignKey, Identity, Text, func
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Contract(Base):
    __tablename__ = "contracts"
    id = Column(BigInteger, Identity(always=True), primary_key=True)
    title = Column(Text, nullable=False)


class Extraction(Base):
    __tablename__ = "extractions"
    id = Column(BigInteger, Identity(always=True), primary_key=True)
    contract_id = Column(ForeignKey("contracts.id", ondelete="CASCADE"), nullable=False, index=True)
    status = Column(Enum("pending", "done", "failed", name="extraction_status"), nullable=False, server_default="pending")
    created_at = Column(DateTime(timezone=True), nullable=False, server_default=func.now())
