"""Patients, caregivers, medication plans, doses and visits."""
