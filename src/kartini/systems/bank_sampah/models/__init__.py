"""Tables, constraints and questions, one noun a file."""

from kartini.systems.bank_sampah.models.books import Account, Transfer
from kartini.systems.bank_sampah.models.corrections import Correction, MonthClose
from kartini.systems.bank_sampah.models.counter import Day, Deposit, DepositLine, Withdrawal
from kartini.systems.bank_sampah.models.depositors import Card, Depositor, Merge, Part, PhoneConsent
from kartini.systems.bank_sampah.models.materials import Category, Material, Price, PriceList
from kartini.systems.bank_sampah.models.opening import OpeningBalance, OpeningImport
from kartini.systems.bank_sampah.models.photos import ScalePhoto
from kartini.systems.bank_sampah.models.stock import Buyer, CashMove, Sale, SaleLine, StockCount
from kartini.systems.bank_sampah.models.units import OpenHours, Terms, TermsChange, Unit

__all__ = [
    "Account", "Buyer", "Card", "CashMove", "Category", "Correction", "Day", "Deposit", "DepositLine", "Depositor",
    "Material", "Merge", "MonthClose", "OpenHours", "OpeningBalance", "OpeningImport", "Part", "PhoneConsent", "Price", "PriceList",
    "Sale", "SaleLine", "ScalePhoto", "StockCount", "Terms", "TermsChange", "Transfer", "Unit", "Withdrawal",
]  # fmt: skip
